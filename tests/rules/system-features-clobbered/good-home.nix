{
  nix.settings.system-features = [ "gccarch-znver4" ];
}
