# home-manager: all keys by name, so that the plain key discards what stands before it.
{ lib, ... }:

{
  home.username = "mira";
  home.homeDirectory = "/home/mira";
  home.stateVersion = "25.05";
  nix.settings = {
    extra-substituters = [ "https://extra.example.org" ];
    substituters = [ "https://cache.nixos.org" ];
    build-cores = 4;
    cores = 2;
    connect-timeout = lib.mkDefault 7;
    keep-going = true;
    warn-dirty = false;
    trusted-users = [ "mira" ];
  };
  nix.extraOptions = ''
    extra-experimental-features = nix-command
    extra-experimental-features = flakes
  '';
}
