{
  nix.settings.substituters = [ "https://nix-community.cachix.org" ];
  nix.settings.extra-substituters = [
    "https://helix.cachix.org"
    "https://nix-community.cachix.org/"
  ];
}
