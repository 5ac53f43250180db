{ config, pkgs, ... }:
{
  nix.systemFeatures = [ "kvm" "big-parallel" ];
  nix.requireSignedBinaryCaches = true;
  nix.sandboxPaths = [ "/bin/sh=${pkgs.bash}/bin/sh" ];
}
