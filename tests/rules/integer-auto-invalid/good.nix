{ lib, ... }:
{
  nix.settings = {
    max-jobs = lib.mkDefault "auto";
    cores = 0;
    http-connections = 50;
    # not a number
    eval-system = "auto";
    post-build-hook = "auto";
  };
  nix.buildMachines = [ { hostName = "auto"; systems = [ "x86_64-linux" ]; } ];
}
