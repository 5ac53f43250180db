{
  # One line each, as in nix.conf.
  nix.settings.extra-substituters = "https://nix-community.cachix.org https://devenv.cachix.org?priority=41";
  nix.settings.extra-trusted-public-keys = "nix-community.cachix.org-1:mB9FSh9qf2dCimDSUo8Zy7bkq5CX+/rkCWyvRCYg3Fs=";
}
