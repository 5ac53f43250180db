{ lib, ... }:
with lib;
{
  nix.settings.experimental-features = mkDefault "nix-command flakes discard-references";
}
