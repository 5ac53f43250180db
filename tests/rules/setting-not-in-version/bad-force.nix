{ lib, pkgs, ... }:
{
  nix.package = lib.mkForce pkgs.nixVersions.nix_2_26;
  nix.settings.eval-profiler = lib.mkForce "flamegraph";
}
