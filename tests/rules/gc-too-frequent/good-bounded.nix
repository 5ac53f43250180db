{
  nix.gc = {
    automatic = true;
    dates = "*:0/15";
    options = "--max-freed $((64 * 1024**3))";
  };
}
