{ lib, ... }:
{
  nix.gc.interval = lib.mkForce { Month = 6; Day = 31; Hour = 3; Minute = 15; };
}
