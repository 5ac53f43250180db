{ lib, ... }:
{
  nix.settings.build-dir = lib.mkForce "/var/tmp"; # the big disk
}
