{
  nix.settings.system-features = [ "recursive-nix" ];
}
