{
  nix.settings.keep-outputs = true;
  nix.settings.keep-derivations = true;
  nix.settings.auto-optimise-store = true;
}
