{
  # min-free-ge-max-free speaks, and its fix sets both.
  nix.settings.min-free = 2 * 1024 * 1024 * 1024;
  nix.settings.max-free = 1024 * 1024 * 1024;
}
