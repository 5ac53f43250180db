{
  nix.settings.builders-use-substitutes = false;
}
