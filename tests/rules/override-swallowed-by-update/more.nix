{
  nix.optimise.automatic = true;
}
