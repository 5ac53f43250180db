{
  nix.optimise.automatic = true;
  nix.optimise.interval = { Weekday = 0; Hour = 4; Minute = 15; };
  nix.settings.keep-outputs = true;
}
