{
  nix.gc = {
    automatic = true;
    interval = { Weekday = 0; Hour = 2; Minute = 0; };
  };
  nix.optimise = {
    automatic = true;
    interval = { Weekday = 0; Hour = 3; Minute = 0; };
  };
}
