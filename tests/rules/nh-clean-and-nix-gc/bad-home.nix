{ lib, ... }:
{
  programs.nh = {
    enable = true;
    clean = {
      enable = lib.mkDefault true;
      extraArgs = "--keep-since=14d";
    };
  };
  nix.gc.automatic = lib.mkForce true;
}
