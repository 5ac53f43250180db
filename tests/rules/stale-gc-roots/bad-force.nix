{ lib, ... }:
{
  nix.gc.options = lib.mkForce "--delete-older-than 14d";
}
