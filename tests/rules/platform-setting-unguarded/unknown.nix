{ platforms, ... }:
{
  boot.loader.grub.device = "/dev/sda";
  nix.settings.extra-platforms = platforms;
}
