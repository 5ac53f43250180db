{ pkgs, ... }:
{
  nix.enable = false;
  # newest
  nix.package = pkgs.nixVersions.latest;
}
