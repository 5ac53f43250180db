{ schedule, ... }:
{
  nix.gc.interval = { Day = schedule.day; };
  nix.optimise.interval = schedule.optimise;
}
