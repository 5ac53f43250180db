{ jobs ? 8, config, ... }:
{
  nix.settings.max-jobs = config.my.jobs;
  nix.settings.cores = 1;
}
