{
  nix.settings.substituters = [
    "https://cache.acme.example"
    "https://gone.acme.example/?priority=50"
  ];
}
