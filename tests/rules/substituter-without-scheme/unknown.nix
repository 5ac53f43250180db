{ caches, ... }:
{
  nix.settings.extra-substituters = caches;
}
