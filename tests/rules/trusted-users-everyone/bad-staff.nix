{
  nix.settings.trusted-users = [ "root" "@staff" ];
}
