{
  services.hydra.buildMachinesFiles = [ "/etc/nix/machines" ];
  nix.distributedBuilds = false;
  nix.buildMachines = [ { hostName = "build01"; system = "x86_64-linux"; maxJobs = 8; supportedFeatures = [ "big-parallel" ]; publicHostKey = "c3NoLWVkMjU1MTkgQUFBQQo="; } ];
}
