{ lib, ... }:
{
  nix.settings.max-jobs = 4;
  nix.settings.cores = 2;
  systemd.services.nix-daemon = {
    environment = lib.mkForce {
      TMPDIR = "/var/tmp";
      LANG = "C.UTF-8";
    };
  };
}
