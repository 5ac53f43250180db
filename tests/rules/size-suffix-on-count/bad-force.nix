{ lib, ... }:
{
  nix.settings.max-jobs = lib.mkForce "4G";
}
