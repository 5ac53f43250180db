{
  nix.settings = {
    connect-timeout = 5;
    fallback = true;
  };
}
