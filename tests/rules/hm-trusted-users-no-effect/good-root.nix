{
  home.username = "root";
  nix.settings.trusted-users = [ "alice" ];
}
