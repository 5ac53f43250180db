{
  nix.settings.allowed-users = [ "@wheel" ];
}
