{ lib, ... }:
with lib;
{
  nix.settings.cores = mkForce "auto";
}
