{ ciCache, ... }:
{
  nix.settings.substituters = [ ciCache "https://${ciCache.host}" ];
}
