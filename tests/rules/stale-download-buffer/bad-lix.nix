{
  nix.settings.download-buffer-size = 1048576;
}
