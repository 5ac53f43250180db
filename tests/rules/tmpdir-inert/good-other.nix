{
  systemd.services.nix-daemon.environment.LANG = "C.UTF-8";
  systemd.services.hydra.environment.TMPDIR = "/scratch/hydra";
}
