{ inputs, ... }:
{
  nix.settings.substituters = [
    "https://nix-community.cachix.org"
    inputs.caches.community
    "https://${inputs.caches.name}.cachix.org"
  ];
}
