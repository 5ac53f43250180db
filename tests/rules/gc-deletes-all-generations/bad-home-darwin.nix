{
  nix.gc = {
    automatic = true;
    options = "-d";
  };
}
