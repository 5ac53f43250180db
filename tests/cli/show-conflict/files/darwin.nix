{
  imports = [ ./other.nix ];
  system.stateVersion = 6;
  nix.settings.cores = 4;
  nix.settings.experimental-features = [ "flakes" ];
}
