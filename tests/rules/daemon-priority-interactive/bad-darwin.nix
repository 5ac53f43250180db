{ lib, ... }:
{
  nix.settings.max-jobs = lib.mkForce 4;
  nix.settings.cores = 2;
}
