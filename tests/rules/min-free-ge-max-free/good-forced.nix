{ lib, ... }:
{
  nix.settings = lib.mkMerge [
    {
      min-free = lib.mkDefault 10737418240;
      max-free = lib.mkDefault 5368709120;
    }
    { max-free = 53687091200; }
  ];
}
