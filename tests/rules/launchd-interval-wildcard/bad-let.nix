{ lib, ... }:
let
  weekly = { Weekday = 7; };
in
{
  nix.gc.interval = lib.mkDefault weekly;
}
