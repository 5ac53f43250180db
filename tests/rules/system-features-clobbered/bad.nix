{
  nix.settings = {
    system-features = [ "gccarch-znver4" ];
    cores = 4;
  };
}
