{
  imports = [
    { nix.gc.interval = { Weekday = 0; Hour = 3; Minute = 15; }; }
  ];
  nix.gc.interval = { Day = 1; };
}
