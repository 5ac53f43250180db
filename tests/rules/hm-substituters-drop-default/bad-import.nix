{
  imports = [ ./caches.nix ];
  home.stateVersion = "26.05";
  nix.settings.substituters = [ "https://nix-community.cachix.org" ];
}
