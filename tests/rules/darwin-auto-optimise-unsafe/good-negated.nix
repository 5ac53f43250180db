{ pkgs, ... }:
{
  nix.settings.auto-optimise-store = !pkgs.stdenv.isDarwin;
}
