{
  nix.gc = {
    automatic = true;
    options = "--delete-older-than 2d"; # because the disk has 32 GB
  };
}
