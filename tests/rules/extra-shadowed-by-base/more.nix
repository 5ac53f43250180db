{ lib, ... }:
let
  system-features = lib.mkForce [ "kvm" ];
in
{
  nix.settings = { inherit system-features; };
}
