{ pkgs, determinate, ... }:
{
  nix.enable = !determinate;
  nix.package = pkgs.nixVersions.latest;
}
