{
  # nix-darwin would not evaluate with the name that is meant
  nix.settings.auto-optimize-store = true;
  nix.settings.fallback = true;
}
