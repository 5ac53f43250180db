{
  nix.gc.automatic = false;
  nix.gc.interval = { Hour = 3; Minute = 15; };
  nix.optimise.automatic = true;
  nix.optimise.interval = { Hour = 3; Minute = 15; };
}
