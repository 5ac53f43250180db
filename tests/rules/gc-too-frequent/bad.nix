{
  nix.gc = {
    automatic = true;
    dates = "*:0/15";
    options = "--delete-older-than 14d";
  };
}
