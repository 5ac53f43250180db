{
  nix.distributedBuilds = false;
  nix.settings.max-jobs = 0;
}
