{
  nix.enable = false;
  nix.buildMachines = [ { hostName = "build01"; sshKey = "a b"; system = "x86_64-linux"; } ];
}
