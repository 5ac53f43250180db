{ lib, ... }:
{
  nix.distributedBuilds = lib.mkForce true;
}
