{ lib, ... }:
{
  nix.settings.eval-cache = lib.mkForce false;
}
