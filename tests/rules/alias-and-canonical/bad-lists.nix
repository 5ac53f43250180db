{ lib, ... }:
{
  home.stateVersion = "26.05";
  nix.settings = {
    binary-caches = [ "https://cache.nixos.org" "https://nix-community.cachix.org" ];
    substituters = lib.mkForce [ "https://cache.nixos.org" ];
  };
}
