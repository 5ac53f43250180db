{
  system.stateVersion = 6;
  homebrew.enable = true;
  networking.hostName = "home";
  nix.settings.cores = 2;
}
