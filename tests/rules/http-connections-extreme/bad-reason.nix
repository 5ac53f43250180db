{
  # because the router drops more
  nix.settings.http-connections = 2;
}
