{
  nix.gc.automatic = true;
  nix.gc.options = "-d";
}
