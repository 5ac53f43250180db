{ lib, ... }:
{
  determinateNix.customSettings.eval-cores = 0;
  nix.gc.automatic = lib.mkForce true;
  nix.linux-builder.enable = true;
}
