{ lib, ... }:
{
  nix.settings.substituters = lib.mkForce [
    "https://cache.nixos.org"
    "https://cache.garnix.io"
  ];
}
