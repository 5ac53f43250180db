{ lib, isWorkstation, ... }:
{
  nix.gc = lib.mkMerge [
    (lib.mkIf isWorkstation { automatic = true; })
    { interval = { Day = 1; }; }
  ];
}
