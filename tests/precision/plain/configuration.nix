{ config, pkgs, ... }:
let
  secrets = import ./secrets.nix;
in
{
  imports = [ ./hardware-configuration.nix ./nix ];
  nix.settings.access-tokens = secrets.githubTokens;
  boot.loader.grub.device = "/dev/sda";
  nix.settings.cores = builtins.length (import ./threads.nix);
}
