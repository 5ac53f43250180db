{
  nix.settings = {
    connect-timeout = 0;
    fallback = true;
  };
}
