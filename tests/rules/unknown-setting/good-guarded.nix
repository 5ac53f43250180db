{ lib, pkgs, ... }:
{
  nix.settings = lib.mkMerge [
    { max-jobs = 4; }
    (lib.mkIf pkgs.stdenv.isLinux { filter-syscalls = true; })
  ];
}
