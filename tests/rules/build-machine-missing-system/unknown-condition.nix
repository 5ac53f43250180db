{ config, lib, ... }:
{
  nix.distributedBuilds = true;
  nix.buildMachines = [ ({ hostName = "build01"; maxJobs = 8; } // lib.optionalAttrs config.my.x { system = "x86_64-linux"; }) ];
}
