{ lib, ... }:
{
  nix.enable = lib.mkForce false;
}
