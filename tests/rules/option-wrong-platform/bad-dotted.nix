{
  nix.gc.automatic = true;
  nix.gc.dates = "Sun *-*-* 03:15:00";
  nix.gc.persistent = true;
  nix.gc.randomizedDelaySec = "45min";
}
