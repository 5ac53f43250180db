{
  nix.settings.max-jobs = 16;
  nix.settings.cores = 4;
}
