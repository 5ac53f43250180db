{
  nix.settings.min-free = 1048576;
}
