{ lib, ... }:
{
  nix.settings.substituters = lib.mkForce [ "https://cache.tail1234.ts.net" ];
}
