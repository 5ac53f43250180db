{
  nix.settings = {
    connect-timeout = 5;
    log-lines = 25;
  };
}
