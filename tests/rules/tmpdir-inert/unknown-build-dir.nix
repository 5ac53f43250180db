{ config, ... }:
{
  systemd.services.nix-daemon.environment.TMPDIR = "/scratch/nix";
  nix.settings = config.my.settings;
}
