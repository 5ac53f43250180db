{
  nix.settings = {
    http-connections = 25;
    keep-derivations = true;
    max-jobs = 4;
  };
}
