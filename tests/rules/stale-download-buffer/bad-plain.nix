{
  nix.settings.fallback = true;
  nix.settings.download-buffer-size = 256 * 1024 * 1024;
}
