# then reports: cache-order
{ lib, ... }:
{
  nix.settings.substituters = lib.mkForce [ "cache.example.org?priority=10" ];
}
