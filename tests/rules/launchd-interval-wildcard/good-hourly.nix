{
  nix.gc.automatic = true;
  # Every hour: nothing smaller than a minute is left out.
  nix.gc.interval = { Minute = 0; };
}
