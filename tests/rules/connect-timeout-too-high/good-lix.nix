{
  nix.settings = {
    connect-timeout = 300;
  };
}
