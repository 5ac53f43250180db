{ lib, ... }:
{
  nix.gc.dates = "weekly";
  nix.settings.min-free = lib.mkForce (5 * 1024 * 1024 * 1024);
  nix.settings.keep-outputs = false;
}
