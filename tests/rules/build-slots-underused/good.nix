{
  nix.settings = {
    max-jobs = 3;
    cores = 2;
  };
}
