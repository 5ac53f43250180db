{
  nix.gc.automatic = true;
  nix.gc.interval = { Hour = 3; };
}
