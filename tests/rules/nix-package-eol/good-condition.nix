{ config, lib, pkgs, ... }:
{
  nix.package = lib.mkIf config.my.old pkgs.nixVersions.nix_2_24;
}
