{ lib, ... }:
{
  nix.settings.accept-flake-config = lib.mkDefault true;
  nix.settings.warn-dirty = false;
}
