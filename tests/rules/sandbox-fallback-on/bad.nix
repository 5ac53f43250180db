{ lib, ... }:
{
  nix.settings.sandbox-fallback = lib.mkForce true;
}
