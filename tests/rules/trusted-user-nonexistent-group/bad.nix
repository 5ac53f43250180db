{
  nix.settings.trusted-users = [ "root" "@admin" ];
}
