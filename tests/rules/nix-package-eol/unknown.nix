{ pkgs, release, ... }:
{
  nix.package = pkgs.nixVersions.${release};
}
