{ lib, ... }:
{
  nix.distributedBuilds = lib.mkForce true;
  nix.buildMachines = [
    { hostName = "big"; system = "x86_64-linux"; maxJobs = 8; supportedFeatures = [ "kvm" ]; }
    { hostName = "small"; system = "x86_64-linux"; maxJobs = 4; speedFactor = 2; supportedFeatures = [ "kvm" ]; }
  ];
}
