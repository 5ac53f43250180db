{
  nix.gc.automatic = true;
  nix.optimise.automatic = true;
}
