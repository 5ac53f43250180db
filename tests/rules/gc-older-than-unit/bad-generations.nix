{
  # `+5` is what nix-env takes
  nix.gc.options = "--delete-older-than +5";
}
