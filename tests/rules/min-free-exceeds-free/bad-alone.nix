{ lib, ... }:
{
  nix.settings.min-free = lib.mkForce (350 * 1024 * 1024 * 1024);
}
