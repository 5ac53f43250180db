{
  nix.settings = {
    timeout = 3600;
    build-timeout = 7200;
  };
}
