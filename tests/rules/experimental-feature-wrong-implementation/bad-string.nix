{ pkgs, ... }:
{
  nix.package = pkgs.nixVersions.nix_2_31;
  nix.settings.extra-experimental-features = "nix-command flakes pipe-operator";
}
