{
  nixpkgs.hostPlatform = "aarch64-darwin";
  nix.settings = {
    substituters = [ "https://cache.example.org" ];
    trusted-public-keys = [ "nix-community.cachix.org-1:mB9FSh9qf2dCimDSUo8Zy7bkq5CX+/rkCWyvRCYg3Fs=" ];
  };
}
