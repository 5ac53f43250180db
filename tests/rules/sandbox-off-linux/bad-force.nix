{ lib, ... }:
{
  nix.settings.sandbox = lib.mkForce false;
}
