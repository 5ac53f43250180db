{ lib, ... }:
{
  nix.gc = {
    automatic = true;
    dates = lib.mkForce [ "*:00" "*:30" ];
    options = "--delete-older-than 14d";
  };
}
