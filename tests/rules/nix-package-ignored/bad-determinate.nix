{ pkgs, lib, ... }:
{
  determinateNix.enable = true;
  nix = {
    package = lib.mkForce pkgs.lix;
    gc.interval.Hour = 3;
  };
}
