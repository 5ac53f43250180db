{
  nix.gc.automatic = true;
  nix.settings.auto-optimise-store = true;
}
