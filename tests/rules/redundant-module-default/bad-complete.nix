{
  system.stateVersion = "26.05";
  nix.settings.cores = 0;
  nix.settings.keep-going = true;
}
