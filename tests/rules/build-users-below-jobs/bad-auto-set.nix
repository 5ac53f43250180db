{ lib, ... }:
{
  nix = {
    nrBuildUsers = lib.mkForce 16;
    settings.max-jobs = "auto";
  };
}
