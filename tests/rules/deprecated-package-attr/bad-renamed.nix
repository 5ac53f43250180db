{ pkgs, ... }:
{
  nix.package = pkgs.lixVersions.stable;
}
