{
  nix.settings.auto-optimise-store = true;
  nix.optimise.automatic = true; # otherwise old paths are never linked
}
