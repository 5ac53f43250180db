{
  # No file sets the number of jobs.
  nix.settings.cores = 2;
}
