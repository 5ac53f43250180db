{
  nix.settings.substituters = [ "https://cache.acme.example" ];
  nix.settings.trusted-substituters = [ "https://cache.acme.example/" ];
}
