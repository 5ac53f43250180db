{ lib, ... }:
{
  nix.settings.allowed-users = lib.mkForce [ "*" "hydra" ];
}
