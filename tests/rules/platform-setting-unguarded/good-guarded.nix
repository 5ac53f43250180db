{ lib, pkgs, ... }:
{
  boot.loader.grub.device = "/dev/sda";
  nix.settings.extra-platforms = lib.optionals pkgs.stdenv.isDarwin [ "x86_64-darwin" ];
}
