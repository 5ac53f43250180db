{ lib, ... }:
{
  nix.settings.trusted-users = lib.mkDefault [ "root" "@wheel" ];
}
