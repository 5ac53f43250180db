{
  nix.extraOptions = ''
    # caches
    extra-trusted-public-keys = crane.cachix.org-1:mB9FSh9qf2dCimDSUo8Zy7bkq5CX+/rkCWyvRCYg3Fs=
  '';
}
