{ config, ... }:
{
  nix.settings.max-jobs = config.my.jobs;
  nix.settings.cores = 0;
}
