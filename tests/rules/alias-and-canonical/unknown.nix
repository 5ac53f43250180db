{ lib, slow, ... }:
{
  nix.settings.build-timeout = 7200;
  nix.settings.timeout = lib.mkIf slow 3600;
}
