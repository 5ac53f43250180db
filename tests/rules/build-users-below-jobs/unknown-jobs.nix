{ config, ... }:
{
  nix.nrBuildUsers = 8;
  nix.settings.max-jobs = config.my.jobs;
}
