{
  nix.distributedBuilds = true;
  nix.buildMachines = [
    { hostName = "build01"; sshKey = "/home/me/.ssh/id"; maxJobs = 8; supportedFeatures = [ "kvm" ]; }
  ];
}
