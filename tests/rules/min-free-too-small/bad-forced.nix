{ lib, ... }:
{
  nix.settings.min-free = lib.mkForce (100 * 1024 * 1024);
}
