{ config, ... }:
{
  nix.distributedBuilds = true;
  nix.buildMachines = [ { hostName = "build01"; sshUser = config.my.user; system = "x86_64-linux"; maxJobs = 8; } ];
}
