{
  home.username = "alice";
  home.stateVersion = "26.05";
  nix.settings.max-jobs = 4;
}
