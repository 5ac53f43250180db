{
  nix.gc.interval = [
    { Day = 28; Hour = 3; Minute = 15; }
    { Day = 29; Hour = 3; Minute = 15; }
  ];
}
