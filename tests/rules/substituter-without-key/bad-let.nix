{ config, pkgs, ... }:
let
  caches = [
    "https://nix-community.cachix.org"
    "https://yazi.cachix.org"
  ];
  keys = [ "nix-community.cachix.org-1:mB9FSh9qf2dCimDSUo8Zy7bkq5CX+/rkCWyvRCYg3Fs=" ];
in
{
  nix = {
    package = pkgs.nix;
    settings.substituters = caches;
    settings.trusted-public-keys = keys;
  };
}
