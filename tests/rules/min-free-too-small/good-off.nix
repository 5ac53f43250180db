{
  nix.settings.min-free = 0;
}
