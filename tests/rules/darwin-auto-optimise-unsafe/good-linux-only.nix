{ lib, pkgs, ... }:
{
  nix.settings = lib.optionalAttrs pkgs.stdenv.hostPlatform.isLinux {
    auto-optimise-store = true;
  };
}
