{
  nix.settings = {
    connect-timeout = 15;
  };
}
