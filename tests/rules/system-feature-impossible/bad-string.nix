{
  nix.settings.extra-system-features = "apple-virt benchmark";
}
