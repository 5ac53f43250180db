{ lib, ... }:
{
  nix.settings = lib.mkMerge [
    { system-features = [ "gccarch-znver4" ]; }
    { system-features = [ "recursive-nix" ]; }
  ];
}
