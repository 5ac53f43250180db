{
  nix.settings.system-features = [
    "kvm"
    "big-parallel"
  ];
}
