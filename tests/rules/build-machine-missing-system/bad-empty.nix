{ lib, ... }:
{
  nix.distributedBuilds = true;
  nix.buildMachines = lib.mkForce [
    { hostName = "build01"; system = null; systems = [ ]; maxJobs = 8; supportedFeatures = [ "kvm" ]; }
  ];
}
