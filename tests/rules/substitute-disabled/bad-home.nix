{
  home.stateVersion = "25.05";
  nix.settings.substitute = false;
}
