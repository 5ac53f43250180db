{ lib, pkgs, ... }:
{
  nix.gc.automatic = true;
  nix.gc.options = lib.mkIf pkgs.extra "--delete-older-than 30d";
}
