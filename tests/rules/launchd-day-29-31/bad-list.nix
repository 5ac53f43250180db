{
  nix.optimise.interval = [
    { Day = 14; Hour = 4; Minute = 15; }
    { Day = 30; Hour = 4; Minute = 15; } # end of the month
  ];
}
