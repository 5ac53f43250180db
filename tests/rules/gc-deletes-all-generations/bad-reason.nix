{
  nix.gc = {
    automatic = true;
    options = "-d"; # because the image is thrown away
  };
}
