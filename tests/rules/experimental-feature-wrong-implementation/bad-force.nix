{ lib, pkgs, ... }:
{
  nix.package = pkgs.lix;
  nix.settings.experimental-features = lib.mkForce [ "nix-command" "pipe-operators" ];
}
