{
  nix.gc.automatic = true;
  nix.gc.interval = { Hour = 24; Minute = 0; };
}
