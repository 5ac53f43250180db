{
  nix.settings.extra-system-features = [
    "kvm"
    "benchmark"
  ];
}
