{
  nix.gc.automatic = false;
  nix.settings.keep-derivations = true;
}
