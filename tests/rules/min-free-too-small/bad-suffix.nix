{
  nix.settings.min-free = "2G";
  nix.settings.max-free = "8G";
}
