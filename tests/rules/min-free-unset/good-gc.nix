{
  nix.gc = {
    automatic = true;
    interval = { Weekday = 0; Hour = 3; Minute = 15; };
  };
  nix.settings.keep-outputs = false;
}
