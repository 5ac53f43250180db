{
  system.stateVersion = 6;
  homebrew.enable = true;
  networking.hostName = "work";
  nix.settings.cores = 4;
}
