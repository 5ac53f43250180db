{ lib, ... }:
{
  nix.settings.trusted-users = lib.mkForce [ "@wheel" ];
}
