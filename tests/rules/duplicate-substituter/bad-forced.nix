{ lib, ... }:
{
  nix.settings.substituters = lib.mkForce [
    "https://devenv.cachix.org"
    "https://devenv.cachix.org/"
  ];
}
