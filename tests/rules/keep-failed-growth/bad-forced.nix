{ lib, ... }:
{
  nix.settings.keep-failed = lib.mkForce true;
}
