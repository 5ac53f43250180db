{
  nix.gc = {
    automatic = true;
    interval = [
      { Hour = 3; Minute = 15; }
      { Weekday = 7; Hour = 12; Minute = 0; Month = null; }
    ];
  };
}
