{
  nix.settings.auto-optimise-store = false;
  nix.optimise.automatic = true;
}
