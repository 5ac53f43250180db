{
  nix.gc.automatic = true;
  nix.gc.interval = { Weekday = 0; Hour = 3; Minute = 15; };
  nix.optimise.automatic = true;
  nix.optimise.interval = { Weekday = 1; Hour = 3; Minute = 15; };
}
