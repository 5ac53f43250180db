{
  nix.settings.substituters = [ "http://cache.acme.example" ];
}
