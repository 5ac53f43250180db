{
  nix.gc = {
    automatic = true;
    # the first Sunday of the month
    interval = { Day = 1; Weekday = 7; Hour = 3; Minute = 15; };
  };
}
