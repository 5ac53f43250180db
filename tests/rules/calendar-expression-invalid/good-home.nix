{
  nix.gc = {
    automatic = true;
    dates = "Sun 03:15";
  };
}
