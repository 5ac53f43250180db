{
  nix.settings.extra-substituters = [ "https://cache.example.org" "/mnt/cache" "daemon" ];
}
