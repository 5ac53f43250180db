{ config, lib, ... }:
{
  options.acme.maxJobs = lib.mkOption { type = lib.types.int; default = 4; };
  config = {
    nix.settings = {
      max-jobs = 4;
      cores = 2;
      trusted-users = [ "@admin" ];
      sandbox = false;
    };
    nix.buildMachines = [
      { hostName = "buildbox"; maxJobs = 8; system = "x86_64-linux"; }
    ];
    nix.linux-builder.maxJobs = 2;
  };
}
