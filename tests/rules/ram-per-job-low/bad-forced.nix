{ lib, ... }:
{
  nix.settings.max-jobs = lib.mkForce 8;
  nix.settings.cores = 1;
}
