{ lib, ... }:
{
  nix.settings.http-connections = lib.mkForce 25;
}
