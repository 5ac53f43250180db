{ lib, ... }:
{
  imports = [ ./features.nix ];
  boot.loader.grub.enable = true;
  nix.settings.experimental-features = lib.mkForce "nix-command";
}
