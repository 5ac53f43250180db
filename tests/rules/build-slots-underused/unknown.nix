{ config, ... }:
{
  nix.settings.max-jobs = 2;
  nix.settings.cores = config.my.cores;
}
