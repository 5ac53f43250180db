{
  # options = "--delete-older-than 2w";
  nix.gc.options = "-d";
}
