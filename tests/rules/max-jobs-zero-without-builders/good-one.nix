{
  nix.distributedBuilds = false;
  nix.settings.max-jobs = 1;
}
