{ lib, ... }:
{
  nix.settings.max-jobs = lib.mkForce "auto";
  # twice the threads together
  nix.settings.cores = 2;
}
