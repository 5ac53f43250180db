{
  nix.settings.system-features = "recursive-nix ca-derivations";
}
