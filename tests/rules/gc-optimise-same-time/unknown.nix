{ schedule, ... }:
{
  nix.gc.automatic = true;
  nix.gc.interval = schedule.gc;
  nix.optimise.automatic = true;
  nix.optimise.interval = { Hour = 3; Minute = 15; };
}
