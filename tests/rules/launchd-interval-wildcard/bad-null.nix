{
  nix.gc.automatic = true;
  nix.gc.interval = { Weekday = 1; Hour = 4; Minute = null; };
}
