{ lib, ... }:
{
  imports = [ ./machines.nix ];
  nix.settings.builders-use-substitutes = lib.mkForce false;
}
