{
  # unlimited on purpose: https://wiki.example.org/caches
  nix.settings.http-connections = 0;
}
