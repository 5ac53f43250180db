{ config, lib, ... }:
{
  nix.enable = false;
  nix.gc = lib.mkIf config.nix.enable { automatic = true; };
}
