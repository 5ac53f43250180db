{
  nix.gc = {
    automatic = true;
    options = "--delete-older-than 2d --quiet"; # tight disk
  };
}
