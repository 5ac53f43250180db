{ lib, ... }:
let
  nightly = {
    Hour = 1;
    Minute = 30;
  };
in
{
  nix = {
    gc.automatic = lib.mkDefault true;
    gc.interval = nightly;
    optimise.automatic = lib.mkDefault true;
    optimise.interval = nightly;
  };
}
