{
  nix.settings.substituters = [
    "https://cache.nixos.org?priority=5"
    "https://cache.acme.example?priority=10"
  ];
}
