{ lib, ... }:
{
  virtualisation.cores = lib.mkForce 4;
}
