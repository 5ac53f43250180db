{
  nix.linux-builder = {
    enable = true;
    maxJobs = 4;
  };
  nix.optimise.interval = [ { Weekday = 7; Hour = 4; Minute = 15; } ];
}
