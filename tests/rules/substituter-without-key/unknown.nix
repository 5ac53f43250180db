{ config, lib, inputs, ... }:
{
  nix.settings = {
    substituters = [
      "https://devenv.cachix.org"
      "https://helix.cachix.org"
    ];
    # Comes from another flake.
    trusted-public-keys = [ "nix-community.cachix.org-1:mB9FSh9qf2dCimDSUo8Zy7bkq5CX+/rkCWyvRCYg3Fs=" ] ++ inputs.caches.publicKeys;
  };
}
