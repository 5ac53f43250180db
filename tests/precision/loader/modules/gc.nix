{ config, lib, pkgs, ... }:
{
  nix.gc = {
    automatic = config.nix.enable;
    interval = lib.mkIf pkgs.stdenv.hostPlatform.isAarch64 { Weekday = 0; Hour = 3; Minute = 0; };
  };
  nix.optimise.automatic = config.nix.gc.automatic;
}
