{ limits, ... }:
{
  nix.settings.http-connections = limits.connections;
}
