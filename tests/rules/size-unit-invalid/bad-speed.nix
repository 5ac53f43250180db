{
  nix.settings.download-speed = "5MB";
}
