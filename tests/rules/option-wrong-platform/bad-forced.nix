{ lib, ... }:
{
  nix.gc.automatic = true;
  nix.gc.dates = lib.mkForce "daily";
}
