{
  nix.gc.automatic = true;
  nix.gc.interval.Weekday = 0;
}
