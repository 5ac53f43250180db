{
  nix.settings.max-jobs = 48;
  nix.settings.cores = 1;
}
