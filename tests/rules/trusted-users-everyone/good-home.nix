{
  nix.settings.trusted-users = [ "*" ];
}
