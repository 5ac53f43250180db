{
  nix.settings = {
    # max-jobs = "auto";
    # cores = 0;
    max-jobs = 3;
    cores = 3;
  };
}
