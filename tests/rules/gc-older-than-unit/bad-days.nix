{
  nix.gc.options = "--delete-older-than 7days";
}
