{
  nix.settings.substituters = [
    "https://nix-community.cachix.org"
    "https://cache.nixos.org?priority=10"
    "https://cache.nixos.org.acme.example"
  ];
}
