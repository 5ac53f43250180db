{
  nix.distributedBuilds = true;
  nix.buildMachines = [
    { hostName = "build01"; system = "aarch64-linux"; maxJobs = 8; }
    { hostName = "build02"; system = "x86_64-linux"; maxJobs = 8; supportedFeatures = [ "kvm" ]; }
  ];
}
