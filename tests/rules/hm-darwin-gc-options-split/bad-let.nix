{ lib, ... }:
let
  days = 14;
in
{
  nix.gc.automatic = lib.mkForce true;
  nix.gc.options = "--delete-older-than ${toString days}d";
}
