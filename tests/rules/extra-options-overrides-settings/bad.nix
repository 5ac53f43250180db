{
  boot.loader.grub.enable = true;
  nix.settings.experimental-features = [ "ca-derivations" ];
  nix.extraOptions = ''
    # as in the manual
    experimental-features = nix-command flakes
    keep-outputs = true
  '';
}
