{
  nix.settings = {
    connect-timeout = 3;
  };
}
