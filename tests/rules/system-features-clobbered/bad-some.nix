{
  nix.settings.system-features = [
    "big-parallel"
    "kvm"
    "gccarch-znver4"
  ];
}
