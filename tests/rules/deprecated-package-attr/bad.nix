{ pkgs, ... }:
{
  nix.package = pkgs.nixFlakes;
  nix.settings.max-jobs = 4;
}
