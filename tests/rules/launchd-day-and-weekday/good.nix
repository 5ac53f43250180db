{
  nix.gc.interval = [
    { Day = 1; Hour = 3; Minute = 15; }
    { Weekday = 7; Hour = 3; Minute = 15; }
  ];
}
