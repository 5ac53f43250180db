{
  nix.daemonCPUSchedPolicy = "batch";
  nix.gc.automatic = true;
  systemd.services.nix-daemon.enable = true;
}
