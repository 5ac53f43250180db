{
  nix.settings.min-free = 17179870000;
  nix.settings.max-free = 17179870000;
}
