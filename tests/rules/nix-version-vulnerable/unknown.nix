{ nixPackage, ... }:
{
  boot.loader.grub.device = "/dev/sda";
  nix.package = nixPackage;
}
