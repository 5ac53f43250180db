{ lib, ... }:
{
  config = lib.mkMerge [
    { nix.gc.automatic = true; }
    { nix.gc.interval = { Hour = 3; }; }
    { nix.gc.interval = { Minute = 15; }; }
  ];
}
