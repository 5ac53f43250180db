{
  nix.gc.automatic = true;
  # 24 times on the first
  nix.gc.interval = { Day = 1; Minute = 0; };
}
