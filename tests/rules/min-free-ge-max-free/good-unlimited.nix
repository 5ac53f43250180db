{
  # `max-free` is unlimited by default.
  nix.settings.min-free = 100 * 1024 * 1024 * 1024;
}
