{ pkgs, ... }:

{
  home.username = "mira";
  home.homeDirectory = "/home/mira";
  home.stateVersion = "25.05";
  nix.package = pkgs.nix;
  nix.settings = {
    extra-substituters = [ "https://extra.example.org" ];
    substituters = [ "https://cache.nixos.org" ];
    min-free = 1000000000;
    trusted-users = [ "mira" ];
    warn-dirty = false;
  };
  nix.gc.frequency = "weekly";
}
