{ lib, ... }:
let
  jobs = 4 * 4;
in
{
  nix.settings.max-jobs = lib.mkDefault jobs;
  nix.settings.cores = lib.mkForce 0;
}
