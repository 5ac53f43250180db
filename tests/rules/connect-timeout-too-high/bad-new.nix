{
  nix.settings = {
    connect-timeout = 600;
    log-lines = 25;
  };
}
