{ pkgs, ... }:
{
  # For this one flake.
  environment.shellAliases.dev = "nix develop --accept-flake-config";
  nix.settings.warn-dirty = false;
}
