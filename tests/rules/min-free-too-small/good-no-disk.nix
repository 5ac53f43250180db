{
  nix.settings.min-free = 1073741824;
}
