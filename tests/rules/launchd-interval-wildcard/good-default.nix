{
  nix.gc.automatic = true; # Sundays at 03:15
}
