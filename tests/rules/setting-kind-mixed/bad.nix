{ lib, ... }:
{
  nix.settings = lib.mkMerge [
    # as in the manual
    { experimental-features = "nix-command flakes"; }
    { experimental-features = [ "ca-derivations" ]; }
  ];
}
