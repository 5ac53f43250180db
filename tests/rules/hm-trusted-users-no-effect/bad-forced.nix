{ lib, ... }:
{
  nix.settings.allowed-users = lib.mkForce [ "@wheel" ];
  nix.extraOptions = "extra-trusted-users = alice";
}
