{ pkgs, ... }:
{
  system.defaults.dock.autohide = true;
  nix.package = pkgs.lix;
}
