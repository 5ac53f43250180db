{
  system.stateVersion = "25.05";
  boot.loader.grub.device = "/dev/sda";
  nix.settings.extra-substituters = "https://a.example.org https://b.example.org";
}
