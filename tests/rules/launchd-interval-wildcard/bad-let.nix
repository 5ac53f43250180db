{ lib, ... }:
let
  weekly = { Weekday = 7; };
in
{
  nix.gc.automatic = true;
  nix.gc.interval = lib.mkDefault weekly;
}
