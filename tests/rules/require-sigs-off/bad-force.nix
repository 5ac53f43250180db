{ lib, ... }:
{
  nix.settings.require-sigs = lib.mkForce false;
}
