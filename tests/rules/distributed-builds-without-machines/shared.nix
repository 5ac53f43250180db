{
  nix.distributedBuilds = true;
}
