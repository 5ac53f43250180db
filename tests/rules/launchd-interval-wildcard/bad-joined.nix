{ lib, ... }:
{
  config = lib.mkMerge [
    { nix.gc.interval = { Day = 1; }; }
    { nix.gc.interval = { Hour = 15; }; }
  ];
}
