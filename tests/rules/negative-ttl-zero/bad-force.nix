{ lib, ... }:
{
  nix.settings.narinfo-cache-negative-ttl = lib.mkForce 0;
}
