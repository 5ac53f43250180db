{ lib, ... }:
{
  nix.linux-builder.enable = false;
  nix.distributedBuilds = lib.mkForce true;
  nix.buildMachines = [ ];
}
