{
  nix.settings.trusted-users = [ "root" "@users" ];
}
