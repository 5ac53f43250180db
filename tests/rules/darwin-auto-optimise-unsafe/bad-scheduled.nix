{
  # twice the work, and the first of the two is dangerous
  nix.settings.auto-optimise-store = true;
  nix.optimise.automatic = true;
}
