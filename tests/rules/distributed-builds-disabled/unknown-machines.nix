{ config, lib, ... }:
{
  nix.distributedBuilds = false;
  nix.buildMachines = lib.optionals config.my.remote [ { hostName = "build01"; system = "x86_64-linux"; maxJobs = 8; supportedFeatures = [ "big-parallel" ]; publicHostKey = "c3NoLWVkMjU1MTkgQUFBQQo="; } ];
}
