{ lib, ... }:
{
  nix.gc = {
    automatic = true;
    dates = lib.mkForce "bi-weekly";
    options = "--delete-older-than 14d";
  };
}
