{
  home.stateVersion = "25.05";
  nix.settings.require-sigs = false;
}
