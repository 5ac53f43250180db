{ pkgs, ... }:
{
  home.stateVersion = "25.05";
  nix.package = pkgs.nix;
  nix.settings.substituters = [
    "https://cache.nixos.org"
    "https://nix-community.cachix.org"
  ];
}
