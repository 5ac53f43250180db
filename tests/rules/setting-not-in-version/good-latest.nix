{ pkgs, ... }:
{
  nix.package = pkgs.nixVersions.latest;
  nix.settings.lint-url-literals = "warn";
}
