{
  nix.settings.extra-substituters = [
    "https://nix-community.cachix.org"
    "https://cache.example.org#main"
  ];
}
