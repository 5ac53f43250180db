{ lib, ... }:
{
  nix.gc = {
    automatic = true;
    options = lib.mkForce "--delete-older-than 1m";
  };
}
