{
  nix.gc.interval = 86400;
}
