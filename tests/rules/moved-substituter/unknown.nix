{ org, ... }:
{
  nix.settings.substituters = [ "https://${org}.cachix.org" ];
}
