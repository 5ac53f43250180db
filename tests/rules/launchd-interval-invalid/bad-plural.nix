{
  nix.optimise = {
    automatic = true;
    interval = [
      {
        Hours = 4; # while everyone sleeps
        Minute = 15;
      }
      {
        Hour = 16;
        Minute = 15;
      }
    ];
  };
}
