{ lib, ... }:
{
  nix.settings.substituters = lib.mkForce [ "http://192.168.1.4:5000" ];
}
