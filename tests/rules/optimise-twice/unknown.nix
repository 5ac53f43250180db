{ pkgs, ... }:
{
  nix.settings.auto-optimise-store = pkgs.stdenv.hostPlatform.isLinux;
  nix.optimise.automatic = pkgs.stdenv.hostPlatform.isDarwin;
}
