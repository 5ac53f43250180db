{
  # because the farm has 4000 cores
  nix.settings.max-jobs = 4000;
}
