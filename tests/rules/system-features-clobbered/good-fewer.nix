{
  # a laptop
  nix.settings.system-features = [ "kvm" ];
}
