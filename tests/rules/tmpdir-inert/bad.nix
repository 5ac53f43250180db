{
  # /tmp is too small for kernels
  systemd.services.nix-daemon.environment.TMPDIR = "/scratch/nix";
}
