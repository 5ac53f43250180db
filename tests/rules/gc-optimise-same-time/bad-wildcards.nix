{
  nix.gc = {
    automatic = true;
    interval = { Day = 1; };
  };
  nix.optimise = {
    automatic = true;
    interval = { Day = 1; };
  };
}
