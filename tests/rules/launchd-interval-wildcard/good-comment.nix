{
  nix.gc.automatic = true;
  # interval = { Day = 1; };
  nix.gc.interval = { Weekday = 7; Hour = 3; Minute = 15; };
}
