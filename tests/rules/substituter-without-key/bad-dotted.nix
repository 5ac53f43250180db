{ lib, ... }:
with lib;
{
  nix.settings.extra-substituters = mkAfter [ "https://helix.cachix.org/" ];
  nix.settings.extra-trusted-public-keys = mkAfter [ "nix-community.cachix.org-1:mB9FSh9qf2dCimDSUo8Zy7bkq5CX+/rkCWyvRCYg3Fs=" ];
}
