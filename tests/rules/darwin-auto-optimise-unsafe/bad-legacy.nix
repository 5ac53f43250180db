{
  nix.autoOptimiseStore = true;
}
