{
  nix.settings.http-connections = 256;
}
