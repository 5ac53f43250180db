{
  nix.settings.substituters = [ "https://cache.acme.example" "file:///mnt/cache" ];
}
