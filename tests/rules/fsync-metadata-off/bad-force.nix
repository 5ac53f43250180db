{ lib, ... }:
{
  nix.settings.fsync-metadata = lib.mkForce false;
}
