{
  nix.settings.keep-outputs = false;
  nix.settings.keep-derivations = false;
}
