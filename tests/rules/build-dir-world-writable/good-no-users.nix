{ lib, ... }:
{
  nix.settings.build-dir = "/tmp";
  nix.settings.build-users-group = lib.mkForce "";
}
