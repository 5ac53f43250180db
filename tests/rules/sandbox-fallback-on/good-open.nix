{ lib, ... }:
{
  nix.settings.sandbox = false;
  nix.settings.sandbox-fallback = lib.mkForce true;
}
