{
  nix.settings.max-free = 107374182400;
}
