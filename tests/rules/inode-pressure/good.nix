{
  nix.settings.min-free = 5368709120;
}
