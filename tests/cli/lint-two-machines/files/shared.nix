{
  nix.settings.gc-keep-outputs = false;
}
