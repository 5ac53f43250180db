{ lib, ... }:
{
  nix.settings = lib.mkMerge [
    { max-jobs = lib.mkDefault 4; cores = 2; }
    { max-jobs = 8; cores = 2; }
  ];
}
