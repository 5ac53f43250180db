{ config, ... }:
{
  nix.distributedBuilds = true;
  nix.buildMachines = [ { hostName = "pi"; system = "aarch64-linux"; maxJobs = config.my.jobs; } ] ;
}
