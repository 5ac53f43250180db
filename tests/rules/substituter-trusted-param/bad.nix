{
  nix.settings.substituters = [
    "https://nix-community.cachix.org"
    "https://cache.acme.example?trusted=1"
  ];
  nix.settings.trusted-public-keys = [
    "nix-community.cachix.org-1:mB9FSh9qf2dCimDSUo8Zy7bkq5CX+/rkCWyvRCYg3Fs="
  ];
}
