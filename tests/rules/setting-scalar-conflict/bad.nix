{ lib, ... }:
{
  nix.settings = lib.mkMerge [
    { max-jobs = 4; }
    { max-jobs = 8; }
  ];
}
