{
  nix.distributedBuilds = true;
  nix.buildMachines = [
    { hostName = "big"; system = "x86_64-linux"; maxJobs = 8; speedFactor = 2; supportedFeatures = [ "kvm" ]; }
    { hostName = "small"; system = "x86_64-linux"; maxJobs = 4; speedFactor = 1; supportedFeatures = [ "kvm" ]; }
  ];
}
