{
  # Someone began to migrate.
  nix.maxJobs = 4;
  nix.settings.max-jobs = 4;
}
