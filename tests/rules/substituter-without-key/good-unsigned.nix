{
  # A throw-away builder in an isolated network.
  nix.settings = {
    require-sigs = false;
    substituters = [ "https://devenv.cachix.org" ];
    trusted-public-keys = [ "nix-community.cachix.org-1:mB9FSh9qf2dCimDSUo8Zy7bkq5CX+/rkCWyvRCYg3Fs=" ];
  };
}
