{ facts, ... }:
{
  nix.settings.substituters = [ facts.cache ];
}
