{
  nix.settings.substituters = [
    "https://cache.nixos.org"
    "https://fast.acme.example"
    "https://silent.acme.example"
    "https://late.acme.example"
    "https://gone.acme.example"
  ];
}
