{
  nix.settings.build-dir = "tmp/build";
}
