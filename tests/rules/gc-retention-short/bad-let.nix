{ lib, ... }:
let
  days = 1;
in
{
  nix.gc = {
    automatic = true;
    options = lib.mkForce "--delete-older-than ${toString days}d";
  };
}
