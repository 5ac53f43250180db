{ lib, ... }:
{
  nix.settings.allow-new-privileges = lib.mkForce true;
}
