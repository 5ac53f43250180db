{
  system.stateVersion = "25.05";
  boot.loader.grub.device = "/dev/sda";
  nix.settings.require-sigs = true;
}
