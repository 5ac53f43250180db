{ pkgs, ... }:
{
  nix.package = pkgs.nix;
  # home-manager has no such job
  nix.optimise.automatic = true;
}
