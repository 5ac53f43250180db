{
  nix.gc.automatic = true;
  nix.gc.interval = [
    { Hour = 3; Minute = 15; }
    { Day = 15; }
  ];
}
