{
  nix.settings.substituters = [
    # the whole system is there: https://acme.example/ci
    "https://cache.acme.example?priority=10"
  ];
}
