{
  nix.settings.auto-optimise-store = true;
}
