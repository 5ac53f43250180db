{
  nix.settings = {
    http-connections = 128;
  };
}
