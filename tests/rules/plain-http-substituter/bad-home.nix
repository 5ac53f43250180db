{
  nix.settings.extra-substituters = [ "http://cache.acme.example" ];
}
