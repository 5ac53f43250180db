{ config, ... }:
{
  nix.linux-builder = {
    enable = true;
    config.virtualisation = {
      cores = config.my.cores;
      darwin-builder.memorySize = config.my.memory;
    };
  };
}
