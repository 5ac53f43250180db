{ config, ... }:
{
  nix.distributedBuilds = true;
  nix.buildMachines = [ { hostName = "build01"; system = "aarch64-linux"; maxJobs = 8; supportedFeatures = config.my.features; } ];
}
