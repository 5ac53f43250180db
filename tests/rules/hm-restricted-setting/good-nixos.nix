{
  boot.loader.grub.enable = true;
  nix.settings.keep-outputs = true;
}
