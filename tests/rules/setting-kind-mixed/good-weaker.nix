{ lib, ... }:
{
  nix.settings = lib.mkMerge [
    { experimental-features = lib.mkDefault "nix-command flakes"; }
    { experimental-features = [ "nix-command" ]; }
  ];
}
