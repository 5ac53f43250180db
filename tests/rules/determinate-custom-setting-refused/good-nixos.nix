{
  boot.loader.grub.enable = true;
  nix.settings.netrc-file = "/etc/nix/netrc";
}
