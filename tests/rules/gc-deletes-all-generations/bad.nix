{
  nix.gc = {
    automatic = true;
    dates = "weekly";
    options = "-d";
  };
}
