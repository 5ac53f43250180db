{ lib, ... }:
{
  nix.settings.max-free = lib.mkForce "20G";
}
