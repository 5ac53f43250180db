{ lib, ... }:
{
  nix.settings.min-free = lib.mkDefault (1024 * 1024 * 1024);
  nix.settings.max-free = lib.mkForce (512 * 1024 * 1024);
}
