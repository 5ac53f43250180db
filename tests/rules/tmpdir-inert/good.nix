{
  systemd.services.nix-daemon.environment.TMPDIR = "/scratch/nix";
  nix.settings.build-dir = "/scratch/nix";
}
