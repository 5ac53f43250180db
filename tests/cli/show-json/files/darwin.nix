{ lib, ... }:

let
  jobs = 4;
in
{
  system.stateVersion = 6;
  nix.settings.max-jobs = lib.mkForce jobs;
  nix.extraOptions = "build-max-jobs = 2";
}
