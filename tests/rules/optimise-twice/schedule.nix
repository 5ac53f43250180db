{ lib, ... }:
{
  nix.optimise.automatic = lib.mkForce true;
}
