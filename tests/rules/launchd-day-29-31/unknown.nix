{ config, ... }:
{
  nix.gc.interval = { Day = config.my.day; Hour = 3; Minute = 15; };
}
