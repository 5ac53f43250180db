{
  boot.loader.grub.device = "/dev/sda";
  nix.settings.max-jobs = 4;
}
