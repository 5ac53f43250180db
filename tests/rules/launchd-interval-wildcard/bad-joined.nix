{ lib, ... }:
{
  config = lib.mkMerge [
    { nix.gc.automatic = true; }
    { nix.gc.interval = { Day = 1; }; }
    { nix.gc.interval = { Hour = 15; }; }
  ];
}
