{
  nix.settings.experimental-features = [
    "nix-command"
    "flakes"
    # Lix has dropped these, Nix has not.
    "ca-derivations"
    "recursive-nix"
    "fetch-closure"
    "pipe-operators"
  ];
}
