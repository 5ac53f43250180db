{
  nix.settings.auto-optimise-store = true;
  nix.optimise.automatic = false;
}
