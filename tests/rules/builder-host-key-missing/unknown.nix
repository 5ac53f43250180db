{ config, ... }:
{
  nix.distributedBuilds = true;
  nix.buildMachines = [
    { hostName = "build01"; system = "x86_64-linux"; maxJobs = 8; publicHostKey = config.my.key; }
    { hostName = config.my.name; system = "x86_64-linux"; maxJobs = 8; }
  ];
}
