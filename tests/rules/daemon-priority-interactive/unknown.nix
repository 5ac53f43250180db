{ config, ... }:
{
  nix.settings.max-jobs = 4;
  nix.settings.cores = 2;
  nix.daemonCPUSchedPolicy = config.my.policy;
}
