{
  # because the cache at home is mostly off
  nix.settings.connect-timeout = 2;
}
