{
  nix.gc.automatic = false;
  nix.settings.keep-outputs = true;
  nix.settings.keep-derivations = true;
}
