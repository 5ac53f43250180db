{
  nix.trustedUsers = [ "root" "alice" ];
}
