{ lib, ... }:
{
  nix.enable = false;
  nix.settings = lib.mkMerge [
    { experimental-features = "nix-command"; }
    { experimental-features = [ "ca-derivations" ]; }
  ];
}
