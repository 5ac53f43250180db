{
  nix.settings.min-free = "1.5G";
  nix.settings.max-free = "10GB";
}
