{
  nix.gc.interval = { Weekday = 1; Hour = 4; Minute = null; };
}
