{
  nix.settings.min-free = 400 * 1024 * 1024 * 1024;
}
