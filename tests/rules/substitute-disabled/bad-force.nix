{ lib, ... }:
{
  nix.settings.substitute = lib.mkForce false;
}
