{
  boot.loader.grub.device = "/dev/sda";
  nix.settings.max-jobs = "auto";
  nix.settings.require-sigs = false;
}
