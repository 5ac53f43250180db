{ lib, ... }:
{
  nix.settings.auto-allocate-uids = lib.mkForce false;
}
