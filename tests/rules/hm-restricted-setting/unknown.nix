{ settings, ... }:
{
  home.stateVersion = "26.05";
  nix.settings = settings;
}
