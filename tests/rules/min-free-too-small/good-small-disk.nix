{
  nix.settings.min-free = 2 * 1024 * 1024 * 1024;
  nix.settings.max-free = 10 * 1024 * 1024 * 1024;
}
