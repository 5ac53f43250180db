{ lib, ... }:

let
  numbers = import ./numbers.nix;
  inherit (numbers) jobs;
in
{
  system.stateVersion = 6;
  nix.settings.max-jobs = lib.mkDefault jobs;
}
