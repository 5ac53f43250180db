{ lib, pkgs, ... }:
{
  nix.package = lib.mkDefault pkgs.lixPackageSets.lix_2_91.lix;
}
