{
  systemd.services.nix-daemon.environment.TMPDIR = "/scratch/nix";
}
