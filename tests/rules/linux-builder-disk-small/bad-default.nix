{ lib, ... }:
{
  nix.linux-builder = {
    enable = lib.mkForce true;
    config.virtualisation.cores = 4;
  };
}
