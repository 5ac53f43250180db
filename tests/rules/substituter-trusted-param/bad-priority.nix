{ lib, ... }:
{
  nix.settings.extra-substituters = lib.mkForce [ "http://nas.lan:5000/?priority=10&trusted=true" ];
}
