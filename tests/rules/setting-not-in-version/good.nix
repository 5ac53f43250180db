{ pkgs, ... }:
{
  nix.package = pkgs.nixVersions.nix_2_34;
  nix.settings.lint-url-literals = "warn";
}
