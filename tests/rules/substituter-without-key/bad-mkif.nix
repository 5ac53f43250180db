{ config, lib, ... }:
{
  nix.settings = lib.mkIf config.acme.caches.enable {
    substituters = [ "https://helix.cachix.org" ];
    trusted-public-keys = [ "nix-community.cachix.org-1:mB9FSh9qf2dCimDSUo8Zy7bkq5CX+/rkCWyvRCYg3Fs=" ];
  };
}
