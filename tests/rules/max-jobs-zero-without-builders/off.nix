{
  nix.distributedBuilds = false;
}
