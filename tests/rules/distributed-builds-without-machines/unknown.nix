{ config, ... }:
{
  nix.distributedBuilds = true;
  nix.buildMachines = config.my.machines;
}
