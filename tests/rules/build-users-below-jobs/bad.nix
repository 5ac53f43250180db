{
  nix.nrBuildUsers = 8;
  nix.settings.max-jobs = 16;
}
