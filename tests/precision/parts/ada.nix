{ osConfig, lib, pkgs, ... }:
{
  nix.package = lib.mkForce pkgs.nix;
  nix.settings.warn-dirty = false;
  nix.settings.max-jobs = if osConfig.upkeep.enable then 4 else 2;
}
