{
  nix.settings = {
    connect-timeout = 5;
  };
}
