{
  nix.gc.automatic = true;
  nix.gc.interval = [
    { Hour = 3; Minute = 15; }
    { Hour = 15; Minute = 15; }
  ];
}
