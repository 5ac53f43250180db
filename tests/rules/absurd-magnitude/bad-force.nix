{ lib, ... }:
{
  nix.settings.connect-timeout = lib.mkForce 5000;
}
