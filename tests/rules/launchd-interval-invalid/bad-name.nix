{
  nix.gc.interval = { Second = 30; Hour = 3; Minute = 15; };
}
