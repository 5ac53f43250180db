{
  extra-substituters = [ "https://nix-community.cachix.org" ];
}
