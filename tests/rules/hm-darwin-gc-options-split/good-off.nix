{
  nix.gc.options = "--delete-older-than 30d";
}
