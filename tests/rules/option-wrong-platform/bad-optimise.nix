{ lib, ... }:
with lib;
{
  nix.optimise = {
    automatic = mkDefault true;
    dates = [ "03:45" ];
  };
}
