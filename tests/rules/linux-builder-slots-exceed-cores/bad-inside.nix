{ lib, ... }:
{
  nix.linux-builder = {
    enable = true;
    config = {
      virtualisation.cores = lib.mkForce 6;
      nix.settings.cores = 2;
    };
  };
}
