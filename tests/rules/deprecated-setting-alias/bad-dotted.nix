{ lib, ... }:
{
  nix.settings.build-fallback = lib.mkDefault true;
  nix.settings."build-max-silent-time" = 1800;
}
