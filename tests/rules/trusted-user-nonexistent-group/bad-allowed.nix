{ lib, ... }:
{
  nix.settings.allowed-users = lib.mkForce [ "@sudo" "builder" ];
}
