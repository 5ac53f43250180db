{ pkgs, ... }:
{
  nix.package = pkgs.lix;
  nix.settings = {
    lint-url-literals = "warn";
    max-jobs = 4;
  };
}
