{ lib, ... }:
{
  nix.gc = {
    automatic = true;
    interval = lib.mkForce {
      Weekday = 0;
      Hour = 3;
    }; # every week
  };
}
