{ config, ... }:
{
  systemd.services.nix-daemon.environment.TMPDIR = config.my.scratch;
}
