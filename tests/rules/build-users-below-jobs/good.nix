{
  nix.nrBuildUsers = 16;
  nix.settings.max-jobs = 16;
}
