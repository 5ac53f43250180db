{ lib, pkgs, ... }:
{
  nix.settings.min-free = 10737418240;
  nix.settings.max-free = lib.mkIf (builtins.pathExists /run/small-disk) 5368709120;
}
# then reports: magic-byte-number
