{
  nix.settings.extra-substituters = [
    "nix-community.cachix.org"
    "https://cache.example.org"
  ];
}
