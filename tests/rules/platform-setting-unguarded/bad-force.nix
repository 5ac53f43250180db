{ lib, ... }:
{
  boot.loader.grub.device = "/dev/sda";
  nix.settings.extra-platforms = lib.mkForce [ "x86_64-darwin" ];
}
