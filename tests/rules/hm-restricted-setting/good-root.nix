{
  home.username = "root";
  home.stateVersion = "26.05";
  nix.settings.keep-outputs = true;
}
