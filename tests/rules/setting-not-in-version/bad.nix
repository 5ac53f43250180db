{ pkgs, ... }:
{
  nix.package = pkgs.nixVersions.nix_2_28;
  nix.settings.lint-url-literals = "warn";
}
