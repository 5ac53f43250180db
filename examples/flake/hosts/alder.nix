# Alder: the server in the cellar.
{ lib, ... }:

{
  networking.hostName = "alder";
  boot.loader.systemd-boot.enable = true;
  system.stateVersion = "25.11";

  fleet = {
    role = "server";
    caches.enable = true;
  };
  nix.settings.max-jobs = lib.mkForce 8;
}
