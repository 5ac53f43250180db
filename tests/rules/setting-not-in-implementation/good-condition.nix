{ config, lib, pkgs, ... }:
{
  nix.package = pkgs.lix;
  nix.settings = lib.mkIf config.my.determinate { eval-cores = 4; };
}
