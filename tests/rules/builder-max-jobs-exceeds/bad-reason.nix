{ lib, ... }:
{
  nix.distributedBuilds = true;
  # many small jobs, see https://example.org/builders
  nix.buildMachines = lib.mkForce [
    { hostName = "build01"; system = "x86_64-linux"; maxJobs = 12; supportedFeatures = [ "kvm" ]; }
  ];
}
