{ lib, ... }:
{
  nix.distributedBuilds = true;
  nix.buildMachines = lib.mkForce [ { hostName = "build01"; protocol = "ssh-ng"; system = "x86_64-linux"; maxJobs = 8; supportedFeatures = [ "kvm" ]; } ];
}
