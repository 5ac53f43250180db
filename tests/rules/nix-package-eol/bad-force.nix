{ lib, pkgs, ... }:
{
  nix.package = lib.mkForce pkgs.nixVersions.nix_2_24;
}
