{
  nix.settings = {
    max-jobs = 1;
    cores = 0;
  };
}
