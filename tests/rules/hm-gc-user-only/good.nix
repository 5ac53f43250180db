{
  home.stateVersion = "26.05";
  nix.gc.automatic = true;
}
