{
  nix.settings.build-dir = "/big";
}
