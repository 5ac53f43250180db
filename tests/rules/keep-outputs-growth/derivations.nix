{
  nix.settings.keep-derivations = true;
}
