{ lib, ... }:
{
  nix.settings.max-substitution-jobs = lib.mkForce 8;
}
