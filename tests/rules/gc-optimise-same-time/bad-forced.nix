{ lib, ... }:
{
  nix.gc = {
    automatic = true;
    interval = {
      Weekday = 6;
      Hour = 4;
      Minute = 0;
    };
  };
  nix.optimise = {
    automatic = true;
    interval = lib.mkForce {
      Weekday = 6;
      Hour = 4;
      Minute = 0;
    };
  };
}
