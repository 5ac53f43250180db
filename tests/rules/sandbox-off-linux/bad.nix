{
  nix.settings = {
    sandbox = false;
    max-jobs = 4;
  };
}
