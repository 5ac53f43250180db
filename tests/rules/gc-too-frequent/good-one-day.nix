{
  nix.gc = {
    automatic = true;
    dates = "Sun *:0/15";
    options = "--delete-older-than 14d";
  };
}
