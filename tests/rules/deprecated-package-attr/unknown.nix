{ pkgs, release, ... }:
{
  nix.package = pkgs.${release};
}
