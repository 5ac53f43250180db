{ lib, ... }:
{
  nix.settings.substituters = lib.mkForce [
    "https://cache.nixos.org?priority=20"
    "https://cache.acme.example?priority=15"
  ];
}
