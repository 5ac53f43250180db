{ lib, ... }:
{
  imports = [ ./derivations.nix ];
  nix.settings.keep-outputs = lib.mkForce true;
}
