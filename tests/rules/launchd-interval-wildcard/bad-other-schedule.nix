{
  nix.gc = {
    automatic = true;
    interval = { Hour = 2; };
  };
  nix.optimise = {
    automatic = true;
    interval = { Hour = 4; Minute = 30; };
  };
}
