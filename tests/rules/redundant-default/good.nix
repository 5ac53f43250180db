{
  nix.settings = {
    http-connections = 50;
    # as everywhere
    keep-derivations = true;
    connect-timeout = 5;
  };
}
