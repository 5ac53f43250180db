{
  home.stateVersion = "25.05";
  nix.settings.eval-cache = false;
}
