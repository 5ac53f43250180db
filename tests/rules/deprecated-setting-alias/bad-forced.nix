{ lib, ... }:
{
  nix.settings.build-timeout = lib.mkForce 7200; # two hours
}
