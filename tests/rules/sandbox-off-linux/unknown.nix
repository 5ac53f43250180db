{ pkgs, ... }:
{
  nix.settings.sandbox = pkgs.stdenv.hostPlatform.isLinux;
}
