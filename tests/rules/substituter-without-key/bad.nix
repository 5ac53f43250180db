# Binary caches for the laptop.
{ ... }:
{
  nix.settings = {
    substituters = [
      "https://nix-community.cachix.org"
      # devenv shells are large, never build them here
      "https://devenv.cachix.org"
    ];
    trusted-public-keys = [
      "nix-community.cachix.org-1:mB9FSh9qf2dCimDSUo8Zy7bkq5CX+/rkCWyvRCYg3Fs=" # emacs, fenix
    ];
  };
}
