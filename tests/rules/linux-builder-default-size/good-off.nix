{
  nix.linux-builder.enable = false;
}
