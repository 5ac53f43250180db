{ lib, ... }:
{
  nix.enable = false;
  nix.gc.automatic = lib.mkDefault true;
}
