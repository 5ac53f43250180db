{
  # Nix reads a sign and leading zeros.
  nix.gc = {
    automatic = true;
    options = "--delete-older-than +014d";
  };
}
