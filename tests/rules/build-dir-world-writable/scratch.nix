{ lib, ... }:
{
  nix.settings.build-dir = lib.mkDefault "/scratch/nix";
}
