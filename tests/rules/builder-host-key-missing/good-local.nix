{
  nix.distributedBuilds = true;
  nix.buildMachines = [ { hostName = "localhost"; protocol = null; system = "x86_64-linux"; maxJobs = 8; } ];
}
