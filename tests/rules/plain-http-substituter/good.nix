{
  nix.settings.substituters = [ "https://cache.acme.example" ];
}
