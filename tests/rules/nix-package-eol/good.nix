{ pkgs, ... }:
{
  nix.package = pkgs.nixVersions.nix_2_31;
}
