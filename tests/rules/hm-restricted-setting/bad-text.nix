{ lib, ... }:
{
  home.stateVersion = "26.05";
  nix.extraOptions = "sandbox = relaxed";
  nix.settings.min-free = lib.mkForce 1073741824;
}
