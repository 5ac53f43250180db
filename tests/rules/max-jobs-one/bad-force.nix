{ lib, ... }:
{
  nix.settings.max-jobs = lib.mkForce 1;
  nix.settings.cores = 12;
}
