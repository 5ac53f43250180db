{ config, pkgs, ... }:
{
  nix.enable = false;
  nix.package = pkgs.nix;
  environment.systemPackages = [ config.nix.package ];
}
