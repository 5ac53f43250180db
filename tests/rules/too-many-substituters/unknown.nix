{ caches, ... }:
{
  nix.settings.substituters = caches.all ++ [ "https://a.acme.example" ];
}
