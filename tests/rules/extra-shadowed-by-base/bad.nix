{
  home.stateVersion = "26.05";
  nix.settings = {
    substituters = [ "https://cache.nixos.org" ];
    # the project's own
    extra-substituters = [ "https://nix-community.cachix.org" ];
  };
}
