{ config, ... }:
{
  nix.distributedBuilds = true;
  nix.buildMachines = [
    { hostName = "big"; system = "x86_64-linux"; maxJobs = 8; speedFactor = config.my.speed; supportedFeatures = [ "kvm" ]; }
    { hostName = "other"; system = "x86_64-linux"; maxJobs = 4; speedFactor = 3; supportedFeatures = [ "kvm" ]; }
    { hostName = "small"; system = "x86_64-linux"; maxJobs = 4; speedFactor = 2; supportedFeatures = [ "kvm" ]; }
  ];
}
