{ org, ... }:
{
  nix.settings.substituters = [ "http://${org.cache}" ];
}
