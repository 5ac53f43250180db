{
  nix.settings.keep-outputs = true;
}
