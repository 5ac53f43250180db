{
  nix.settings.keep-outputs = null;
}
