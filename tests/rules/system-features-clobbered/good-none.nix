{
  nix.settings.system-features = [ ];
}
