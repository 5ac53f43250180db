{ pkgs, ... }:
{
  boot.loader.grub.device = "/dev/sda";
  nix.package = pkgs.nixVersions.nix_2_31;
}
