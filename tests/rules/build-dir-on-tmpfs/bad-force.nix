{ lib, ... }:
{
  nix.settings.build-dir = lib.mkForce "/scratch";
}
