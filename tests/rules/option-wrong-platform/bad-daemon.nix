{
  nix.daemonCPUSchedPolicy = "batch";
  nix.sshServe.enable = true;
}
