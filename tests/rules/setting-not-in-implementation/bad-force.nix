{ lib, pkgs, ... }:
{
  nix.package = lib.mkForce pkgs.lixPackageSets.latest.lix;
  nix.settings.eval-cores = lib.mkDefault 4;
}
