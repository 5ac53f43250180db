{
  nix.settings.download-buffer-size = 268435456;
}
