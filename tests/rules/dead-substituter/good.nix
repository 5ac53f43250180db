{
  nix.settings.substituters = [
    "https://nix-community.cachix.org"
    "https://cache.garnix.io.acme.example" # our own mirror
    # "https://cache.garnix.io"
    "https://garnix.acme.example"
  ];
}
