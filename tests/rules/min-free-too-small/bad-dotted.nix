{ lib, ... }:
{
  nix.settings.min-free = lib.mkDefault (10 * 1024 * 1024 * 1024);
  nix.settings.max-free = lib.mkDefault (500 * 1024 * 1024 * 1024);
}
