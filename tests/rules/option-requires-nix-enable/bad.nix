{
  nix.enable = false;
  nix.gc = {
    automatic = true;
    # weekly
    interval.Weekday = 0;
  };
  nix.optimise.automatic = true;
}
