[
  {
    url = "https://nix-community.cachix.org";
    key = "nix-community.cachix.org-1:mB9FSh9qf2dCimDSUo8Zy7bkq5CX+/rkCWyvRCYg3Fs=";
  }
]
