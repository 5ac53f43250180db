{ config, ... }:
{
  nix.gc.interval = { Hour = config.my.hour; Minute = 15; };
  nix.optimise.interval = config.my.interval;
}
