{
  nix.gc.interval = [
    { Hour = 3; Minute = 15; }
    { Minute = 15; Hour = 3; Day = null; }
  ];
}
