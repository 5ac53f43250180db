{ pkgs, ... }:
{
  nix.enable = false;
  # not used, and harmless
  nix.package = pkgs.nix;
}
