{ facts, ... }:
{
  nix.settings.substituters = [ "http://nas.lan:5000" ];
  nix.settings.fallback = facts.mobile;
}
