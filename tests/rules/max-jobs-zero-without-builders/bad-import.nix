{ lib, ... }:
{
  imports = [ ./off.nix ];
  nix.settings.max-jobs = lib.mkForce 0;
}
