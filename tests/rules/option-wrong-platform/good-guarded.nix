# Shared by the Macs and the servers.
{ lib, pkgs, ... }:
{
  nix.gc = {
    automatic = true;
    options = "--delete-older-than 14d";
  }
  // lib.optionalAttrs pkgs.stdenv.isLinux { dates = "weekly"; }
  // lib.optionalAttrs pkgs.stdenv.isDarwin { interval = { Weekday = 1; Hour = 0; Minute = 0; }; };
}
