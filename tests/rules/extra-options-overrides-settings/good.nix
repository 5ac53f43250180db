{
  boot.loader.grub.enable = true;
  nix.settings.experimental-features = [ "nix-command" ];
  nix.extraOptions = ''
    extra-experimental-features = flakes
    keep-outputs = true
  '';
}
