{
  nix.gc.automatic = true; # Sundays at 03:15
  nix.optimise.automatic = true;
  nix.optimise.interval = { Hour = 3; Minute = 20; };
}
