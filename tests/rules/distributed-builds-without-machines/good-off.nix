{
  nix.distributedBuilds = false;
  nix.buildMachines = [ ];
}
