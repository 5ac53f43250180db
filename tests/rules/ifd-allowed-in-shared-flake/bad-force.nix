{ lib, ... }:
{
  nix.settings.allow-import-from-derivation = lib.mkForce true;
}
