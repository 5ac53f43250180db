{
  nix.gc.interval = { };
}
