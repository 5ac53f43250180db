{ config, ... }:
{
  nix.settings.max-jobs = if config.networking.hostName == "mbp" then "auto" else config.my.jobs;
  nix.settings.cores = 1;
}
