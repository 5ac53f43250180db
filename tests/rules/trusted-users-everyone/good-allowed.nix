{
  nix.settings.allowed-users = [ "*" ];
}
