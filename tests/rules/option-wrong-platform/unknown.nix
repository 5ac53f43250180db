{ schedule, ... }:
{
  nix.gc = { automatic = true; } // schedule;
}
