{
  nix.gc = {
    automatic = false;
    options = "--delete-older-than 2d";
  };
}
