# One person's share: settings that the daemon takes from anyone, and some that it does not.
{ pkgs, ... }:

{
  home.username = "mira";
  home.homeDirectory = "/Users/mira";
  home.stateVersion = "25.05";

  nix = {
    package = pkgs.nix;
    settings = {
      experimental-features = [ "nix-command" "flakes" "pipe-operators" ];
      substituters = [
        "https://cache.nixos.org"
        "https://nix-community.cachix.org" # nixtune: allow(substituter-without-key) trusted by the system
      ];
      min-free = "5GB";
      # One build at a time keeps the fan quiet.
      max-jobs = 1;
      build-cores = 4;
    };
    gc = {
      automatic = true;
      frequency = "weekly";
      options = "--delete-older-than 1m";
    };
  };
}
