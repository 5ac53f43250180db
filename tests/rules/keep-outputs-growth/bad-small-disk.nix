{ lib, ... }:
{
  nix.settings.keep-outputs = lib.mkDefault true;
}
