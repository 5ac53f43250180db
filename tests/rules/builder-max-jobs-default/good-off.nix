{
  nix.distributedBuilds = false;
  nix.buildMachines = [ { hostName = "pi"; system = "aarch64-linux"; } ];
}
