{ org, ... }:
{
  nix.settings.substituters = [ "https://cache.acme.example?priority=${toString org.priority}" ];
}
