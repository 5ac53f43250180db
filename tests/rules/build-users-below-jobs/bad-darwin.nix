{ lib, ... }:
{
  imports = [ ./jobs.nix ];
  nix.nrBuildUsers = lib.mkForce 4;
}
