{
  nix.settings.min-free = 20 * 1024 * 1024 * 1024;
}
