{
  boot.loader.grub.enable = true;
  # kernels without namespaces
  nix.settings.sandbox-fallback = true;
  nix.settings.keep-going = true;
}
