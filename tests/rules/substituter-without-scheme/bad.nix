{
  nix.settings.extra-substituters = [
    "cache.example.com"
    "https://cache.example.org"
  ];
}
