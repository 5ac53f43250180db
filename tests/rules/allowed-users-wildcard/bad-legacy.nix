{
  nix.allowedUsers = [ "alice" "*" ];
}
