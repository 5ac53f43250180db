{ lib, ... }:

let
  slots = import ./numbers.nix;
in
{
  nix.settings = {
    max-jobs = slots.jobs;
    cores = lib.mkDefault slots.cores;
  };
}
