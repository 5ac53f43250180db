{
  nix.settings.substituters = [
    "http://cache.acme.example"
    "http://plain.acme.example"
  ];
}
