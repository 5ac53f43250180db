{
  nix.settings.system-features = [ "gccarch-znver4" ];
  nix.settings.extra-system-features = [ "benchmark" ];
}
