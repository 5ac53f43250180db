{ lib, ... }:
{
  nix.settings.min-free = lib.mkForce "10GiB";
}
