{
  nix.settings.extra-experimental-features = [ "ca-derivations" "recursive-nix" ];
}
