{ config, ... }:
{
  nix.linux-builder = {
    enable = true;
    config.virtualisation.darwin-builder.diskSize = config.my.disk;
  };
}
