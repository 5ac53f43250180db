{
  nix.optimise.automatic = true;
  nix.optimise.interval = { Weekday = 7; };
}
