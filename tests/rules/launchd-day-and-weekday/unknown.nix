{ config, ... }:
{
  nix.gc.interval = { Day = config.my.day; Weekday = 7; Hour = 3; Minute = 15; };
}
