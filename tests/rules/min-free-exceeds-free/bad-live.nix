{
  nix.settings.min-free = 400 * 1024 * 1024 * 1024;
  nix.settings.max-free = 500 * 1024 * 1024 * 1024;
}
