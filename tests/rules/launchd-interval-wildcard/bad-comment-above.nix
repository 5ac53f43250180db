{
  nix.gc = {
    automatic = true;
    # every week
    interval = { Weekday = 0; };
  };
}
