{
  nix.settings.max-jobs = 12;
  nix.settings.cores = 0;
}
