{ lib, ... }:
{
  # haskell.nix
  nix.settings.substituters = lib.mkAfter [ "https://hydra.iohk.io" ];
  nix.settings.trusted-public-keys = lib.mkAfter [
    "hydra.iohk.io:f/Ea+s+dFdN+3Y/G+FDgSq+a5NEWhJGzdjvKNGv0/EQ="
  ];
}
