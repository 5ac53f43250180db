{ lib, ... }:
{
  boot.loader.grub.device = "/dev/sda";
  nix.settings.cores = lib.mkForce 2;
}
