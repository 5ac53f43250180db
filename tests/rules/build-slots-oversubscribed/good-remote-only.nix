{
  # Everything is built elsewhere.
  nix.settings.max-jobs = 0;
  nix.settings.cores = 0;
}
