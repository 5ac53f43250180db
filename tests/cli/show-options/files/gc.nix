{
  nix.gc.automatic = false;
  nix.gc.options = "--delete-older-than 30d";
}
