{ org, ... }:
{
  nix.settings.substituters = [ "https://${org.cache}?trusted=1" ];
}
