{
  boot.loader.grub.enable = true;
  nix.extraOptions = ''
    substituters = https://cache.example.org
    trusted-public-keys = cache.example.org-1:mB9FSh9qf2dCimDSUo8Zy7bkq5CX+/rkCWyvRCYg3Fs=
  '';
}
