{ pkgs, release, ... }:
{
  nix.package = pkgs.nixVersions.${release};
  nix.settings.lint-url-literals = "warn";
}
