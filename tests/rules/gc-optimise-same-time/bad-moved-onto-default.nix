{
  nix.optimise.automatic = true; # Sundays at 04:15
  nix.gc.automatic = true;
  nix.gc.interval = { Weekday = 7; Hour = 4; Minute = 15; };
}
