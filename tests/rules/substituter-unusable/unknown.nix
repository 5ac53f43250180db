{ caches, ... }:
{
  nix.settings.substituters = caches;
}
