{ config, ... }:
{
  nix.distributedBuilds = true;
  nix.buildMachines = [ ({ hostName = "pi"; system = "aarch64-linux"; } // config.my.machine) ] ;
}
