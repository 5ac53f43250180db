{ pkgs, ... }:
{
  nix.gc.automatic = false;
  nix.settings.keep-derivations = true;
  programs.nh.clean.enable = true;
}
