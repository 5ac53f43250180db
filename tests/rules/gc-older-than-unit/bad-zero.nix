{
  nix.gc.options = "--delete-older-than 0d";
}
