{ lib, ... }:
{
  nix.settings = lib.mkMerge [
    { plugin-files = null; }
    { plugin-files = [ "/run/plugin.so" ]; }
  ];
}
