{
  nix.distributedBuilds = true;
  nix.buildMachines = [ ];
}
