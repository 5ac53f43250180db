{
  nix.settings.build-dir = "tmp";
}
