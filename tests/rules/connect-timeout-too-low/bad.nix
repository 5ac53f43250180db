{
  nix.settings = {
    connect-timeout = 3;
    fallback = true;
  };
}
