{
  nix.settings.download-buffer-size = 134217728;
}
