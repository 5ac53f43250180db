{
  nix.gc.automatic = true;
}
