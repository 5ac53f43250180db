let
  machine = name: {
    hostName = name;
    system = "x86_64-linux";
    supportedFeatures = [ "kvm" ];
  };
in
{ lib, ... }:
{
  nix.distributedBuilds = lib.mkForce true;
  nix.buildMachines = map machine [ "red" "green" ];
}
