{ config, ... }:
{
  nix.distributedBuilds = true;
  nix.buildMachines = [
    { hostName = "elsewhere"; system = "x86_64-linux"; maxJobs = 64; }
    { hostName = "build01"; system = "x86_64-linux"; maxJobs = config.my.jobs; }
    { hostName = config.my.builder; system = "x86_64-linux"; maxJobs = 64; }
  ];
}
