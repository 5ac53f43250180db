{
  nix.gc = {
    automatic = true;
    # a month
    options = "--delete-older-than 30d";
  };
}
