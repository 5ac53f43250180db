{
  programs.ssh.knownHosts.build01.publicKey = "ssh-ed25519 AAAA";
  nix.distributedBuilds = true;
  nix.buildMachines = [ { hostName = "build01"; system = "x86_64-linux"; maxJobs = 8; } ];
}
