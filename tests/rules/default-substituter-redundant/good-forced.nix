{ lib, ... }:
{
  # The whole list, in this order.
  nix.settings.substituters = lib.mkForce [
    "http://nas.lan:5000"
    "https://cache.nixos.org/"
  ];
}
