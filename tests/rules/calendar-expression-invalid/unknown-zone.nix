{
  nix.gc = {
    automatic = true;
    dates = "daily Europe/Berlin";
    options = "--delete-older-than 30d";
  };
}
