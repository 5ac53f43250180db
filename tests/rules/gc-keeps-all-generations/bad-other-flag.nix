{
  nix.gc.automatic = true;
  nix.gc.options = "--quiet";
}
