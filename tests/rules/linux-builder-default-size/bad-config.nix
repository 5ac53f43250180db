{ lib, ... }:
{
  nix.linux-builder = {
    enable = lib.mkForce true;
    config.virtualisation.darwin-builder.diskSize = 60 * 1024;
  };
}
