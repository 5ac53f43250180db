{ lib, ... }:
{
  home.stateVersion = "26.05";
  nix.settings.substituters = lib.mkForce [ "https://nix-community.cachix.org" ];
}
