{ lib, ... }:
{
  nix.settings.auto-optimise-store = lib.mkMerge [
    (lib.mkDefault false)
    (lib.mkForce true)
  ];
}
