{ lib, ... }:
{
  nix.enable = lib.mkForce true;
}
