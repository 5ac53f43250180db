{
  nix.settings = {
    http-connections = 0;
    max-jobs = 4;
  };
}
