{
  boot.isContainer = true;
  nix.enable = false;
  nix.gc.automatic = true;
}
