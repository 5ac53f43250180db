{
  nix.settings.keep-failed = false;
}
