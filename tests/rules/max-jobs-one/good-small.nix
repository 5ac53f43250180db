{
  nix.settings.max-jobs = 1;
  nix.settings.cores = 0;
}
