{ facts, ... }:
{
  nix.settings.http-connections = facts.nix.http-connections;
}
