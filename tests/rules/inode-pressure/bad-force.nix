{ lib, ... }:
{
  nix.settings.auto-optimise-store = lib.mkForce false;
}
