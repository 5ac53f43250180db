# A build server in a rack: sixteen threads, little to spare.
{ config, lib, pkgs, ... }:

{
  boot.loader.systemd-boot.enable = true;
  networking.hostName = "alder";
  networking.firewall.enable = true;

  nix = {
    # Old spellings, from a configuration that has been around.
    maxJobs = lib.mkDefault 16;
    autoOptimiseStore = true;

    settings = {
      cores = 16;
      min-free = 10 * 1024 * 1024 * 1024;
      max-free = 5 * 1024 * 1024 * 1024;
      substituters = [ "https://nix-community.cachix.org" ];
      trusted-public-keys = [
        "nix-community-1:mB9FSh9qf2dCimDSUo8Zy7bkq5CX+/rkCWyvRCYg3Fs="
      ];
    };

    gc = {
      automatic = true;
      interval = { Weekday = 0; };
      options = "--delete-older-than 30";
    };

    extraOptions = ''
      experimental-features = nix-command flakes
      connect-timeout = 5
      build-cores = 8
    '';
  };

  system.stateVersion = "25.05";
}
