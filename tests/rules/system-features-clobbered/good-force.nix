{ lib, ... }:
{
  nix.settings.system-features = lib.mkForce [ "gccarch-armv7-a" ];
}
