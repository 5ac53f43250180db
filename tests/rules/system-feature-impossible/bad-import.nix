{
  imports = [ ./uids.nix ];
  nix.settings.extra-system-features = [ "uid-range" "kvm" ];
}
