{ lib, ... }:
{
  nix.linux-builder.enable = true;
  nix.linux-builder.config.virtualisation.cores = lib.mkForce 10;
}
