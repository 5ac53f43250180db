{ lib, ... }:
{
  system.defaults.dock.autohide = true;
  nix.settings.auto-allocate-uids = lib.mkForce true;
}
