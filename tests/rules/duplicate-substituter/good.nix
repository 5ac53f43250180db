{
  nix.settings.substituters = [
    "https://cache.nixos.org"
    "https://cache.nixos.org?priority=10" # another place in the order
    "http://cache.acme.example"
    "https://cache.acme.example"
    "https://cache.acme.example/team-a"
    "https://cache.acme.example/team-b"
    "https://nix-community.cachix.org"
  ];
  # Allowing a cache that is also used is no repetition.
  nix.settings.trusted-substituters = [ "https://nix-community.cachix.org" ];
}
