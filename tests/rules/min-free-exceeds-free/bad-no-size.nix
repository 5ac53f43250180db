{
  nix.settings.min-free = 5 * 1024 * 1024 * 1024;
}
