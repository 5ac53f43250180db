{
  nix.gc = {
    automatic = true;
    interval = { Hour = 3; Minute = 15; };
  };
  nix.optimise = {
    automatic = true;
    interval = { Weekday = 0; Hour = 4; Minute = 15; };
  };
}
