{
  nix.distributedBuilds = true;
  nix.buildMachines = [
    { hostName = "big"; system = "x86_64-linux"; maxJobs = 1; mandatoryFeatures = [ "big-parallel" ]; }
  ];
}
