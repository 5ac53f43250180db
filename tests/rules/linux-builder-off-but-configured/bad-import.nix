{ lib, ... }:
{
  imports = [ ./vm.nix ];
  nix.linux-builder.enable = lib.mkForce false;
}
