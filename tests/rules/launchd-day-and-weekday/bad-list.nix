{ lib, ... }:
{
  nix.optimise.interval = lib.mkForce [
    { Hour = 4; Minute = 15; Weekday = 3; }
    { Hour = 4; Minute = 15; Weekday = 5; Day = 13; }
  ];
}
