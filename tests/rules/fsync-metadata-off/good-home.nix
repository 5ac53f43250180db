{
  home.stateVersion = "25.05";
  nix.settings.fsync-metadata = false;
}
