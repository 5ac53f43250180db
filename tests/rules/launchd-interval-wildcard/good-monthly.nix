{
  nix.gc.automatic = true;
  nix.gc.interval = { Day = 1; Hour = 3; Minute = 0; };
}
