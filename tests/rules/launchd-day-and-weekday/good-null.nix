{
  nix.gc.interval = { Day = null; Weekday = 7; Hour = 3; Minute = 15; };
}
