{
  nix.linux-builder = {
    enable = true;
    config = import ./builder.nix;
  };
}
