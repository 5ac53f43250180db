{
  boot.loader.grub.enable = true;
  nix.settings.substituters = [ "https://nix-community.cachix.org" ];
}
