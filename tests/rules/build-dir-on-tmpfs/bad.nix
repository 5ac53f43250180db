{
  nix.settings.build-dir = "/scratch";
}
