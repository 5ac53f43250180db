{
  nix.settings = {
    connect-timeout = 15;
    log-lines = 50;
  };
}
