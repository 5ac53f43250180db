{
  nix.settings.trusted-users = [ "alice" ];
}
