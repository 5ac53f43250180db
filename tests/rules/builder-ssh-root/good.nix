{
  nix.distributedBuilds = true;
  nix.buildMachines = [ { hostName = "build01"; sshUser = "nix"; system = "x86_64-linux"; maxJobs = 8; } ];
}
