{
  nix.distributedBuilds = true;
  nix.buildMachines = [
    { hostName = "big.lan"; system = "x86_64-linux"; maxJobs = 8; speedFactor = 1; supportedFeatures = [ "kvm" ]; }
    { hostName = "small.lan"; system = "x86_64-linux"; maxJobs = 4; speedFactor = 2; supportedFeatures = [ "kvm" ]; }
  ];
}
