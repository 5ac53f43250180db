{ lib, ... }:
{
  nix.settings.experimental-features = lib.mkForce "nix-command flakes";
}
