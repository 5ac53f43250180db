{
  # What is off runs never.
  nix.gc = {
    automatic = false;
    interval = { Day = 1; };
  };
  nix.optimise.interval = { Weekday = 7; };
}
