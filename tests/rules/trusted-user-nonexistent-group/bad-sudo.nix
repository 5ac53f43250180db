{
  nix.settings.trusted-users = [ "root" "@sudo" ];
}
