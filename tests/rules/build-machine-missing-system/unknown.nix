{ pkgs, lib, config, ... }:
{
  nix.distributedBuilds = true;
  nix.buildMachines = [
    { hostName = "build01"; systems = [ pkgs.stdenv.hostPlatform.system ]; maxJobs = 8; }
    (lib.mkIf config.my.more { hostName = "build02"; maxJobs = 8; })
    (config.my.machine // { hostName = "build03"; })
  ];
}
