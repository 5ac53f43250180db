{
  nix.gc = {
    automatic = false;
    options = "-d";
  };
}
