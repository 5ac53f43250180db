{ lib, ... }:

{
  imports = [ ./gc.nix ];
  system.stateVersion = 6;
  nix.gc.automatic = lib.mkForce true;
}
