{
  nix.optimise.interval = { Weekday = 7; };
}
