{
  nix.settings = {
    build-timeout = 3600;
    timeout = 7200;
  };
}
