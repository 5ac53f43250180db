{
  nix.gc = {
    automatic = true;
    options = "--delete-older-than 3d";
  };
}
