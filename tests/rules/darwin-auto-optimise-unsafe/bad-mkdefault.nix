{ lib, ... }:
{
  nix.settings.auto-optimise-store = lib.mkDefault true;
}
