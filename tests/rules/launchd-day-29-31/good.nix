{
  nix.gc.interval = [
    { Day = 28; Hour = 3; Minute = 15; }
    { Month = 12; Day = 31; Hour = 3; Minute = 15; }
    { Month = 4; Day = 30; Hour = 3; Minute = 15; }
  ];
}
