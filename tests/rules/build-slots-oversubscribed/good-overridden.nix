{ lib, ... }:
{
  nix.settings = lib.mkMerge [
    {
      max-jobs = lib.mkDefault "auto";
      cores = lib.mkDefault 0;
    }
    {
      max-jobs = 4;
      cores = 2;
    }
  ];
}
