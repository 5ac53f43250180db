{ schedule, ... }:
{
  nix.gc.automatic = true;
  nix.optimise.automatic = true;
  nix.gc.interval = { Day = schedule.day; };
  nix.optimise.interval = schedule.optimise;
}
