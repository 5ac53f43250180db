{
  nix.settings = {
    connect-timeout = 60;
  };
}
