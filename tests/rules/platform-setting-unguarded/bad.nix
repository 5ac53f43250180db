{
  boot.loader.grub.device = "/dev/sda";
  nix.settings.extra-platforms = [
    "aarch64-linux"
    "aarch64-darwin"
  ];
}
