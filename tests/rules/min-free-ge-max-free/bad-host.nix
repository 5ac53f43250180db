{ lib, ... }:
{
  nix.settings = {
    min-free = lib.mkDefault (3 * 1024 * 1024 * 1024);
    max-free = lib.mkDefault (3 * 1024 * 1024 * 1024);
  };
}
