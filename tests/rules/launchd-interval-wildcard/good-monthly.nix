{
  nix.gc.interval = { Day = 1; Hour = 3; Minute = 0; };
}
