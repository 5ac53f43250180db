{ lib, ... }:
{
  nix.settings.system-features = lib.mkForce [ "kvm" "big-parallel" ];
  nix.extraOptions = "system-features = kvm";
}
