{ lib, ... }:
{
  nix.settings.connect-timeout = lib.mkForce "five";
}
