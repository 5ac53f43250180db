{
  boot.loader.grub.device = "/dev/sda";
  nix.settings.auto-allocate-uids = true;
}
