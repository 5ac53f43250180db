{
  # Allowed, not used.
  nix.settings.trusted-substituters = [ "https://cache.garnix.io" ];
}
