{ lib, ... }:
{
  boot.loader.grub.enable = true;
  nix.settings.sandbox-fallback = lib.mkForce true;
  nix.extraOptions = "keep-going = true";
}
