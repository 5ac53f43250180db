{ lib, plain, ... }:
{
  home.stateVersion = "26.05";
  nix.settings.extra-system-features = [ "kvm" ];
  nix.settings.system-features = lib.mkIf plain [ "big-parallel" ];
}
