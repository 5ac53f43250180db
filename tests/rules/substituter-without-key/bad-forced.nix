{ lib, ... }:
{
  nix.settings = {
    # a plain list beside it would be dropped for the stronger one
    substituters = [ "https://helix.cachix.org" ];
  };
  nix.binaryCachePublicKeys = lib.mkForce [ "nix-community.cachix.org-1:mB9FSh9qf2dCimDSUo8Zy7bkq5CX+/rkCWyvRCYg3Fs=" ];
}
