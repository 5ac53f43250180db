{
  nix.settings.min-free = 128000000;
}
