{
  nix.settings = {
    max-jobs = 2;
    cores = 2;
  };
}
