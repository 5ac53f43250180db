{ lib, ... }:
{
  nix.distributedBuilds = true;
  nix.buildMachines = lib.mkForce [
    { hostName = "build01"; system = "aarch64-linux"; maxJobs = 8; supportedFeatures = [ ]; }
  ];
}
