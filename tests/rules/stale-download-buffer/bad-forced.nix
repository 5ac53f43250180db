{ lib, ... }:
{
  nix.settings.download-buffer-size = lib.mkForce (256 * 1024 * 1024);
}
