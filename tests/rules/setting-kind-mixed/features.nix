{ lib, ... }:
{
  nix.settings.experimental-features = lib.mkForce [ "flakes" ];
}
