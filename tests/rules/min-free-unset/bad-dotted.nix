{ lib, ... }:
{
  nix.settings.max-free = lib.mkDefault (200 * 1024 * 1024 * 1024);
}
