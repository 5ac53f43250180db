{
  nix.settings.extra-system-features = [ "gccarch-znver4" ];
}
