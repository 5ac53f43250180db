{
  nix.settings.http-connections = "1K";
}
