{ config, ... }:
{
  boot.loader.systemd-boot.enable = true;
  nix.settings.extra-substituters = [ "https://cache.nixos.org" ];
}
