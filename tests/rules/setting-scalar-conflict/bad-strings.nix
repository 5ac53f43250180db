{ lib, ... }:
{
  nix.settings = lib.mkMerge [
    { experimental-features = "nix-command flakes"; }
    { experimental-features = "ca-derivations"; }
  ];
}
