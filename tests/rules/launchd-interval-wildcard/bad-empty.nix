{
  nix.gc.automatic = true;
  nix.gc.interval = { };
}
