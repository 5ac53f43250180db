{
  # Determinate manages the daemon.
  services.nix-daemon.enable = false;
  nix.useDaemon = false;
}
