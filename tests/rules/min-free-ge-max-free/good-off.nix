{
  nix.settings.min-free = 0;
  nix.settings.max-free = 0;
}
