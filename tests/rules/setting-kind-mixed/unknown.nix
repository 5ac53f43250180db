{ lib, old, ... }:
{
  nix.settings = lib.mkMerge [
    (lib.mkIf old { experimental-features = "nix-command flakes"; })
    { experimental-features = [ "ca-derivations" ]; }
  ];
}
