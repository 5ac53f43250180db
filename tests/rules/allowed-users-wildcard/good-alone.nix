{
  nix.settings.allowed-users = [ "root" "*" ];
}
