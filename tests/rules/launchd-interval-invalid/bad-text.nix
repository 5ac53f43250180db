{ lib, ... }:
{
  nix.gc = {
    automatic = true;
    interval = lib.mkForce "weekly";
  };
}
