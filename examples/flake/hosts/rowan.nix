# Rowan: the big one, which builds for the others.
{ lib, ... }:

{
  networking.hostName = "rowan";
  system.primaryUser = "astrid";
  system.stateVersion = 6;

  fleet.keepDays = 30;
  nix.settings = {
    max-jobs = 4;
    cores = 3;
  };
}
