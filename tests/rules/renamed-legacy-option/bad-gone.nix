{
  users.nix.configureBuildUsers = true;
}
