{ lib, ... }:
{
  nix.settings.max-jobs = lib.mkDefault "auto";
  nix.settings.cores = 2;
}
