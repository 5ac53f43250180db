{
  nix.linux-builder.enable = true;
}
