{
  home.stateVersion = "25.05";
  nix.settings.max-substitution-jobs = 1;
}
