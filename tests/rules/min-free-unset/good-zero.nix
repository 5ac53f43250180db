{
  # off
  nix.settings.min-free = 0;
  nix.settings.max-free = 20 * 1024 * 1024 * 1024;
}
