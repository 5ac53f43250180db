{ pkgs, ... }:
{
  nix.package = pkgs.lixPackageSets.lix_2_93.lix;
  nix.settings.experimental-features = [
    "nix-command"
    "flakes"
    "pipe-operators" # |>
  ];
}
