{
  nix.settings.substituters = [ "https://cache.acme.example?trusted=0" ];
}
