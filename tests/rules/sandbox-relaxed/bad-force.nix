{ lib, ... }:
{
  nix.settings.sandbox = lib.mkForce "relaxed";
}
