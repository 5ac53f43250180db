{
  nix.extraOptions = ''
    extra-substituters = https://nixpkgs-unfree.cachix.org https://nix-community.cachix.org
  '';
}
