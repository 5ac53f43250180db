{
  nix.distributedBuilds = true;
  nix.buildMachines = [ { hostName = "build01"; system = "x86_64-linux"; maxJobs = 8; supportedFeatures = [ "kvm" ]; } ];
}
