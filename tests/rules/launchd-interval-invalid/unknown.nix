{ config, lib, ... }:
{
  nix.gc.interval = { Hour = config.my.hour; Minute = lib.mkDefault 15; };
  nix.optimise.interval = config.my.interval;
}
