{
  # small on purpose, for the first rebuild
  nix.linux-builder.enable = true;
}
