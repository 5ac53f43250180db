{ facts, ... }:
{
  nix.settings.narinfo-cache-negative-ttl = facts.nix.narinfo-cache-negative-ttl;
}
