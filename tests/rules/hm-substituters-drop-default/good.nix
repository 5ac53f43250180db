{
  home.stateVersion = "26.05";
  nix.settings = {
    substituters = [
      "https://cache.nixos.org"
      "https://catppuccin.cachix.org"
    ];
  };
}
