{ config, ... }:
{
  nix.linux-builder = {
    enable = config.my.builder;
    maxJobs = 4;
  };
}
