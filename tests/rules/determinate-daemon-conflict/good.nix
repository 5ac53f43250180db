{
  nix.enable = false;
}
