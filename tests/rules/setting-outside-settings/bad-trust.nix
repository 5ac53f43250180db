{ lib, ... }:
{
  nix.extra-substituters = [ "https://nix-community.cachix.org" ];
  nix.max-silent-time = lib.mkForce "600";
}
# then reports: substituter-without-key
